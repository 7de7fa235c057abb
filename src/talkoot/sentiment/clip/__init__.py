"""From a person's own video to samples: sound, words and faces, averaged word by word, and read as they arrive."""
