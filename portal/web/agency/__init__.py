"""The agency's desk: write a notice in one sitting, answer questions, end a procedure, choose, award."""
