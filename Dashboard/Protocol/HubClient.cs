using Microsoft.AspNetCore.Http.Connections.Client;
using Microsoft.AspNetCore.SignalR.Client;
using Training.Core.Runs;

namespace Dashboard.Protocol;

/// <summary>
/// The other end of the dashboard's hubs, for trainers and machines: one way of speaking, and of noticing that nobody answers.
/// </summary>
internal static class HubClient
{
    /// <param name="path">Of the hub, such as <see cref="MachineProtocol.Path"/>.</param>
    /// <returns>Not started yet.</returns>
    public static HubConnection To(Uri server, string path) => new HubConnectionBuilder()
        .WithUrl(new Uri(server, path), http => TrustThisComputer(http, server))
        .WithKeepAliveInterval(MachineProtocol.Ping)
        .WithServerTimeout(MachineProtocol.Silence)
        .AddJsonProtocol(json => CoreJson.Apply(json.PayloadSerializerOptions))
        .Build();

    /// <summary>
    /// The certificate of a dashboard that speaks https only bears the name that people use, and nobody sits between two processes of a
    /// computer.
    /// </summary>
    private static void TrustThisComputer(HttpConnectionOptions http, Uri server)
    {
        if (!server.IsLoopback || server.Scheme != Uri.UriSchemeHttps) return;
        http.HttpMessageHandlerFactory = handler =>
        {
            if (handler is HttpClientHandler own) own.ServerCertificateCustomValidationCallback = (_, _, _, _) => server.IsLoopback;
            return handler;
        };
        http.WebSocketConfiguration = socket => socket.RemoteCertificateValidationCallback = (_, _, _, _) => server.IsLoopback;
    }
}
