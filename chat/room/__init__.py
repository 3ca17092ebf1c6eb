"""The rules of rooms. Each public function is synchronous and runs in one transaction."""
