"""What a run came to, sent to an MLflow server over its REST API: the engine asks for it once a run has ended."""
