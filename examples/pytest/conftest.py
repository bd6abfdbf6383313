pytest_plugins = ["oss_livechannel"]
