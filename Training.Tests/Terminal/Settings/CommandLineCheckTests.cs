using Dashboard.Processes;
using Dashboard.Terminal.Settings;

namespace Training.Tests.Terminal.Settings;

public sealed class CommandLineCheckTests
{
    [Theory]
    [InlineData("serve", "--urls", "http://127.0.0.1:0")]
    [InlineData("--urls=http://127.0.0.1:0", "--Dashboard:DataRoot", "/data", "Dashboard:TrainHere=false")]
    [InlineData("--Logging:LogLevel:Default", "Debug", "--allowedhosts", "*", "/Kestrel:Limits:MaxConcurrentConnections", "7")]
    public void Arguments_ThatAreSettings_Pass(params string[] arguments) => CommandLineCheck.Require(arguments);

    [Theory]
    [InlineData("'--url' is not a setting", "--url", "http://0.0.0.0:5080")]
    [InlineData("'--port' is not a setting", "--port=8080")]
    [InlineData("'--Dashbord:DataRoot' is not a setting", "--Dashbord:DataRoot", "/data")]
    [InlineData("'-v' is not a setting", "-v")]
    [InlineData("'more' is not a setting", "serve", "more")]
    [InlineData("'--urls' has no value", "--urls")]
    public void Arguments_ThatWouldBePassedOver_AreNamed(string words, params string[] arguments) =>
        Assert.Contains(words, Assert.Throws<StartException>(() => CommandLineCheck.Require(arguments)).Message, StringComparison.Ordinal);
}
