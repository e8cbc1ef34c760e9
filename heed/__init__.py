"""How is it put together and started? Settings, application, command line, watch, schedule, demonstration."""
