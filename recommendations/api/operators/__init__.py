"""The API for operators: model versions, jobs, the index, and why a person sees what they see."""
