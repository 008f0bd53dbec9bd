"""Names every failed test of a .trx file with the first lines of its message."""
import sys
import xml.etree.ElementTree as xml

LINES = 12
results = list(xml.parse(sys.argv[1]).iter("{*}UnitTestResult"))
for result in results:
    if result.get("outcome") != "Failed":
        continue
    print("FAILED", result.get("testName"), result.get("duration"))
    for text in [*result.iter("{*}Message"), *result.iter("{*}StackTrace")]:
        for line in (text.text or "").splitlines()[:LINES]:
            print("   ", line)
