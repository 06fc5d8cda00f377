"""The Web API's methods, one file per family; each takes the room and the call and gives Slack's answer."""
