-- The token that a transcription was asked for with; null of those from before, which belong to whoever knows their ids.
ALTER TABLE Transcription ADD COLUMN Owner text COLLATE "C";
