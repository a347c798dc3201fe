"""Names that score scripts import: the decorators of inference-schema, and the raw HTTP request and response.

Written anew for what scripts do with them (services.md 5); no package has to be in the environment.
``install`` puts the modules in place before a score script is read.
"""
