"""Who is asking, what may they, and what did they look at?"""
