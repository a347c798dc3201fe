def azureml_main(df1):
	if len(df1) > 0:
            print "tab then spaces"
	    x = 1
	return df1
# out: tab then spaces
# notice: tabs
