-- The outbox becomes the log of its service: a position for each event that was sent, months as partitions.
-- Names of constraints and indexes must be free for the new tables.
CREATE SEQUENCE outbox_position;
CREATE SEQUENCE outbox_log;

ALTER TABLE outbox RENAME TO outbox_before;
ALTER TABLE outbox_before RENAME CONSTRAINT pk_outbox TO pk_outbox_before;
ALTER INDEX ix_outbox_unsent RENAME TO ix_outbox_before_unsent;
CREATE TABLE outbox (
    event_id UUID NOT NULL,
    position BIGINT DEFAULT nextval('outbox_position') NOT NULL,
    log_position BIGINT,
    subject VARCHAR(200) NOT NULL,
    sequence BIGINT NOT NULL,
    type VARCHAR(120) NOT NULL,
    body TEXT NOT NULL,
    body_once_sent TEXT,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    sent_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_outbox PRIMARY KEY (event_id)
) PARTITION BY RANGE (event_id);
CREATE INDEX ix_outbox_log ON outbox (log_position) WHERE log_position IS NOT NULL;
CREATE INDEX ix_outbox_unsent ON outbox (position) WHERE sent_at IS NULL;
CREATE TABLE outbox_rest PARTITION OF outbox DEFAULT;
INSERT INTO outbox (event_id, log_position, subject, sequence, type, body, body_once_sent, recorded_at, sent_at)
SELECT event_id, CASE WHEN sent_at IS NOT NULL THEN nextval('outbox_log') END,
       subject, sequence, type, body, body_once_sent, recorded_at, sent_at
FROM (SELECT * FROM outbox_before ORDER BY position) AS before;
DROP TABLE outbox_before;

ALTER TABLE inbox RENAME TO inbox_before;
ALTER TABLE inbox_before RENAME CONSTRAINT pk_inbox TO pk_inbox_before;
CREATE TABLE inbox (
    event_id UUID NOT NULL,
    handler VARCHAR(80) NOT NULL,
    handled_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_inbox PRIMARY KEY (event_id, handler)
) PARTITION BY RANGE (event_id);
CREATE TABLE inbox_rest PARTITION OF inbox DEFAULT;
INSERT INTO inbox SELECT event_id, handler, handled_at FROM inbox_before;
DROP TABLE inbox_before;

CREATE TABLE subscriptions (
    queue VARCHAR(120) NOT NULL,
    type VARCHAR(120) NOT NULL,
    handled BIGINT DEFAULT '0' NOT NULL,
    filled BIGINT,
    CONSTRAINT pk_subscriptions PRIMARY KEY (queue, type)
);

CREATE TABLE epochs (
    epoch VARCHAR(16) NOT NULL,
    fingerprint VARCHAR(80) NOT NULL,
    since TIMESTAMP WITH TIME ZONE NOT NULL,
    resumed BOOLEAN NOT NULL,
    CONSTRAINT pk_epochs PRIMARY KEY (epoch)
);
