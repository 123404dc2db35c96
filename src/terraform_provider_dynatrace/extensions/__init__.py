"""The platform's Extensions API: versions, schemas and monitoring configurations of an extension. It knows no cloud."""
