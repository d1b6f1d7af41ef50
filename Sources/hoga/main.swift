print("hoga")
