"""Nepali pronunciation against a lexicon: learning the weights of `app.speech.pronunciation`, and measuring them."""
