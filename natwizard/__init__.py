"""natwizard: is this computer, on this network, ready for a cloud telephony webphone?"""

__version__ = "0.1.0"
