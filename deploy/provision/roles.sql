-- The schema of one service and its two roles. SERVICE is replaced by the service's name. Idempotent.
DO $$
BEGIN
    CREATE ROLE tandem_SERVICE_owner NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$
BEGIN
    CREATE ROLE tandem_SERVICE LOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
GRANT tandem_SERVICE_owner TO CURRENT_USER;
ALTER ROLE tandem_SERVICE SET search_path = SERVICE;
ALTER ROLE tandem_SERVICE SET idle_in_transaction_session_timeout = '3s'; -- release the locks of a frozen process
REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA IF NOT EXISTS SERVICE AUTHORIZATION tandem_SERVICE_owner;

-- Created before the default privileges below, so that the service's own role can neither read nor write it.
CREATE TABLE IF NOT EXISTS SERVICE.migrations (
    source     text NOT NULL,
    name       text NOT NULL,
    sha256     text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (source, name)
);
ALTER TABLE SERVICE.migrations OWNER TO tandem_SERVICE_owner;

GRANT USAGE ON SCHEMA SERVICE TO tandem_SERVICE;
ALTER DEFAULT PRIVILEGES FOR ROLE tandem_SERVICE_owner IN SCHEMA SERVICE
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO tandem_SERVICE;
ALTER DEFAULT PRIVILEGES FOR ROLE tandem_SERVICE_owner IN SCHEMA SERVICE
    GRANT USAGE ON SEQUENCES TO tandem_SERVICE;
