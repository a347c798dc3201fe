# Scores houses with a function that was kept as byte code, as published functions of 2015 were.
# Byte code belongs to one Python: nothing but Python 2.7 can run this script.
import base64
import marshal
import types

# def price(area, rooms): return 1000.0 * area + 500.0 * rooms
KEPT = "YwIAAAACAAAAAwAAAEMAAABzEAAAAGQBAHwAABRkAgB8AQAUF1MoAwAAAE5nAAAAAABAj0BnAAAAAABA" \
    "f0AoAAAAACgCAAAAdAQAAABhcmVhdAUAAAByb29tcygAAAAAKAAAAABzCAAAAHByaWNlLnB5dAUAAABw" \
    "cmljZQEAAABzAgAAAAAB"
price = types.FunctionType(marshal.loads(base64.b64decode(KEPT)), globals())


def azureml_main(dataframe1=None, dataframe2=None):
    print "scoring", len(dataframe1), "houses"
    dataframe1["price"] = map(price, dataframe1["area"], dataframe1["rooms"])
    return dataframe1.sort("price"),
