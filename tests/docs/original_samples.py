"""The sample inputs of the API text that the service was commissioned from, character by character."""
# ruff: noqa: E101, W291

LOGIN = """
	{
		"email": "test@gmail.com",

		"password": "test"
	}
"""
ADD_NUMBERS = """
   {
       "name": "sample individual campaign",
       "services": "PHONE",
       "individual_number": [9876543210, 98675432123]
   }
"""
ADD_FILE = """
   {
       "name": "sample bulk campaign",
       "services": "SMS",
       "send_to_number_file": "numbers.csv"
   }
"""
ADD_WITH_DESCRIPTION = """
   {
       "name": "sample individual campaign",
       "services": "PHONE",
       "individual_number": [9876543210, 98675432123],
       "description": "This campaign is to notify users that an IPO has been opened"
   }
"""
UPDATE = """
   {
       	"name":"new campaign name",	
	"services": "SMS",
	"description": "Election campaign for 2023"
   }
"""
BEGIN_BY_PRIORITY = """
   {
       "priority": "message"
   }
"""
BEGIN_WITH_MESSAGE = """
   {
       "message" : "Hi, this is to notify that you have been selected for the election"
   }
"""
BEGIN_LATER = """
   {
       "schedule_date": "2023-05-09T17:07"
   }
"""
BEGIN_WITH_SAMPLE_TEXT = """
   {
       "message": "sample text message"
   }
"""
BEGIN_WITH_AUDIO = """
   {
       "aud_file": "path/containing/audio.mp3"
   }
"""
BEGIN_WITH_VOICE = """
   {
       "message": "Message to Convey",
	"voice_input": "np_prasanna"
   }
"""
BEGIN_FAILED = """
   {
       "message": "Here you send your message you want to convey",
	"status": "Failed"
   }
"""
BEGIN_WITH_ALL = """
   {
	"message": "Hi {tags_name}, you are {tags_age} years old and your salary is {tags_salary}.",
	"aud_file" :   "path/containing/audio.mp3",
	"priority": "message",
	"voice_input": "np_prasanna",
	"schedule_date": "2023-05-09T17:07",
	"status": "failed"
   }
"""
TAGGED = "Hi {tags_name}, you are {tags_age} years old and your salary is {tags_salary}."
PAST = "2023-05-09T17:07"
"""The date in the samples."""
