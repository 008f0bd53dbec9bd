using System.Net;

namespace Dashboard.Processes;

/// <summary>
/// A proxy for the web (http_proxy) is none for this computer itself: there, 127.0.0.1 would be the proxy. Trainers, agents and verbs reach
/// a dashboard at a loopback address directly, whatever no_proxy says; other addresses go where the environment sends them.
/// </summary>
internal sealed class OwnComputer(IWebProxy proxy) : IWebProxy
{
    public ICredentials? Credentials
    {
        get => proxy.Credentials;
        set => proxy.Credentials = value;
    }

    /// <summary>For every client of this process that names no proxy of its own.</summary>
    public static void ReachDirectly()
    {
        if (HttpClient.DefaultProxy is not OwnComputer) HttpClient.DefaultProxy = new OwnComputer(HttpClient.DefaultProxy);
    }

    public Uri? GetProxy(Uri destination) => destination.IsLoopback ? null : proxy.GetProxy(destination);

    public bool IsBypassed(Uri host) => host.IsLoopback || proxy.IsBypassed(host);
}
