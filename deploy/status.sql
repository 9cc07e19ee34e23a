-- outbox: parcels that wait for the relay
SELECT count(*) FROM outbox;
