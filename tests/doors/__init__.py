"""The doors as strangers try them: fuzzed from their own documents, and told apart by nothing."""
