"""What a person asks for, whole: every door calls these, and none has a way of its own."""
