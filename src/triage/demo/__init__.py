"""The demo: three made-up companies, their mail on a server in memory, and one real pass over it.

server   an IMAP server on loopback
samples  the mails, as fresh as if they had just come
play     the pass, and what is to be seen afterwards
"""
