"""A Slack workspace on this machine: Web API, Socket Mode over a real WebSocket, and a page to talk on.

It imports nothing of ours and no Slack library, so that the bot meets it by address only, as it meets Slack.
"""
