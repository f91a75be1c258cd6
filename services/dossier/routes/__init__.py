"""HTTP: parse, call, answer. One file for each kind of caller."""

from services.dossier.routes import desk, drafts, own, papers, tracking

blueprints = (drafts.blp, papers.blp, own.blp, desk.blp, tracking.blp)
