CREATE TABLE audit (
    chain SMALLINT NOT NULL,
    position BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    kind VARCHAR(16) NOT NULL,
    actor UUID,
    agency VARCHAR(40),
    acted_for UUID,
    deed VARCHAR(60) NOT NULL,
    whose UUID,
    about VARCHAR(200) NOT NULL,
    request VARCHAR(64) NOT NULL,
    details TEXT NOT NULL,
    hash BYTEA NOT NULL,
    CONSTRAINT pk_audit PRIMARY KEY (chain, position)
);
CREATE INDEX ix_audit_at ON audit (at);
CREATE INDEX ix_audit_whose_at ON audit (whose, at) WHERE whose IS NOT NULL;

CREATE FUNCTION refuse_change_of_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is never changed' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_is_appended_to BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_audit();
CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit();
