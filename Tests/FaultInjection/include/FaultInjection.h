// Nothing to call: the library is loaded with LD_PRELOAD and told what to do by environment variables.
