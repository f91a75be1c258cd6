CREATE TABLE data_keys (
    person UUID NOT NULL,
    kid VARCHAR(40) NOT NULL,
    wrapped BYTEA NOT NULL,
    CONSTRAINT pk_data_keys PRIMARY KEY (person)
);
CREATE TABLE event_sequences (
    subject VARCHAR(200) NOT NULL,
    last BIGINT NOT NULL,
    CONSTRAINT pk_event_sequences PRIMARY KEY (subject)
);
CREATE TABLE idempotency_keys (
    scope VARCHAR(200) NOT NULL,
    key VARCHAR(200) NOT NULL,
    body_mac BYTEA NOT NULL,
    status SMALLINT NOT NULL,
    headers JSONB NOT NULL,
    kid VARCHAR(40) NOT NULL,
    answer BYTEA NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_idempotency_keys PRIMARY KEY (scope, key)
);
CREATE INDEX ix_idempotency_keys_at ON idempotency_keys (at);
CREATE TABLE inbox (
    event_id UUID NOT NULL,
    handler VARCHAR(80) NOT NULL,
    handled_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_inbox PRIMARY KEY (event_id, handler)
);
CREATE TABLE outbox (
    event_id UUID NOT NULL,
    position BIGINT GENERATED ALWAYS AS IDENTITY,
    subject VARCHAR(200) NOT NULL,
    sequence BIGINT NOT NULL,
    type VARCHAR(120) NOT NULL,
    body TEXT NOT NULL,
    body_once_sent TEXT,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    sent_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_outbox PRIMARY KEY (event_id),
    CONSTRAINT uq_outbox_subject_sequence UNIQUE (subject, sequence)
);
CREATE INDEX ix_outbox_unsent ON outbox (position) WHERE sent_at IS NULL;
CREATE TABLE parking (
    event_id UUID NOT NULL,
    handler VARCHAR(80) NOT NULL,
    subject VARCHAR(200) NOT NULL,
    sequence BIGINT NOT NULL,
    type VARCHAR(120) NOT NULL,
    body TEXT NOT NULL,
    sender VARCHAR(120),
    error TEXT,
    attempts INTEGER NOT NULL,
    parked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    next_try_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_parking PRIMARY KEY (event_id, handler)
);
CREATE INDEX ix_parking_next_try_at ON parking (next_try_at);
CREATE INDEX ix_parking_subject_handler_sequence ON parking (subject, handler, sequence);
