"""Co-SA: one agent per modality learns how much its modality counts; a critic judges the team; sentiment comes out."""
