def print_hello(name):
    print "Hello, %s!" % name
