-- A header's name may hold what no text of the database can: names and values are kept as the bytes of their JSON.
ALTER TABLE parked ALTER headers TYPE bytea USING convert_to(headers::text, 'UTF8');
