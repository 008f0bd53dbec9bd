"""Names every failed test of a .trx file, with the first lines of its message and of its stack."""
import sys
import xml.etree.ElementTree as xml

LINES = 12
TRX = "{http://microsoft.com/schemas/VisualStudio/TeamTest/2010}"

for result in xml.parse(sys.argv[1]).iter(TRX + "UnitTestResult"):
    if result.get("outcome") == "Failed":
        print("FAILED", result.get("testName"), result.get("duration"))
        for text in [*result.iter(TRX + "Message"), *result.iter(TRX + "StackTrace")]:
            for line in (text.text or "").splitlines()[:LINES]:
                print("   ", line)
