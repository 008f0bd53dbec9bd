using Dashboard.Access.Doors;
using Dashboard.Dispatch.Words;
using Dashboard.Protocol;
using Microsoft.AspNetCore.SignalR;

namespace Dashboard.Dispatch.Hubs;

/// <summary>
/// Every call of a hub method comes through here: its arguments are checked by <see cref="MessageRules"/> before the hub sees them, and how
/// the call ends decides whether whoever sent it stays a stranger.
/// </summary>
internal sealed partial class MessageFilter(RefusalLog refusals, ILogger<MessageFilter> logger) : IHubFilter
{
    public async ValueTask<object?> InvokeMethodAsync(
        HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        var stranger = invocationContext.Context.Features.Get<Stranger>();
        if (stranger is { IsClosed: true }) throw new HubException(HubWords.IsClosed);
        if (MessageRules.Problem(invocationContext.HubMethod, invocationContext.HubMethodArguments) is { } problem)
        {
            stranger?.Refused();
            throw Refuse(invocationContext, problem);
        }
        try
        {
            var answer = await next(invocationContext);
            if (answer is IAdmission { Refusal: null }) stranger?.Recognise();
            else if (answer is IAdmission) stranger?.Refused();
            return answer;
        }
        catch (ImpossibleReportException e)
        {
            throw Refuse(invocationContext, e.Message);
        }
        catch (HubException)
        {
            stranger?.Refused();
            throw;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The hub's own dispatcher would log every refusal too, so it logs nothing at all.
            LogFailed(e, invocationContext.HubMethodName, Sender.Name(invocationContext.Context));
            throw;
        }
    }

    /// <summary>The log has it once for each sender and method, whatever it sends.</summary>
    private HubException Refuse(HubInvocationContext call, string problem)
    {
        problem = ForeignText.Line(problem);
        var (who, address) = (Sender.Name(call.Context), Sender.Address(call.Context));
        if (refusals.IsNew($"{who} {address} {call.HubMethodName}")) LogImpossible(who, address, call.HubMethodName, problem);
        return new HubException(HubWords.Impossible(problem));
    }

    [LoggerMessage(LogLevel.Warning, "{Who} at {Address} sent a {Method} that can't be, refused whole; it is not told of again. {Problem}")]
    private partial void LogImpossible(string who, string address, string method, string problem);

    [LoggerMessage(LogLevel.Error, "{Method}, called by {Who}, failed")]
    private partial void LogFailed(Exception exception, string method, string who);
}
