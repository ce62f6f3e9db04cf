using Sirsi.Hypervisor.Http;
using Sirsi.Hypervisor.Turns;
using Sirsi.Wasm.Extism;

namespace Sirsi.Hypervisor.Modules;

/// <summary>
/// The <c>http_request</c> of guests, which the manifest's list has allowed already: a request of the turn under way, under the agent's capabilities. Redirects are the guest's to follow, so that list
/// and capabilities are asked again. While the guest's thread waits the request runs elsewhere: as many guests as there are threads may wait at once.
/// </summary>
internal sealed class GuestHttp : IExtismHttp
{
    public static GuestHttp Instance { get; } = new();

    public Task<ExtismHttpResponse> SendAsync(ExtismHttpRequest request, int responseBytesMax, CancellationToken cancellation)
    {
        GuestTurn guest = GuestTurn.Current ?? throw new InvalidOperationException("There is no turn under way.");
        AgentTurn turn = guest.Turn;
        Task<ExtismHttpResponse> sending = turn.ExecutorForWaiters.RunAsync(() => SendAsync(turn, request, cancellation));
        guest.Sending = sending;
        return sending;
    }

    private static async Task<ExtismHttpResponse> SendAsync(AgentTurn turn, ExtismHttpRequest request, CancellationToken over)
    {
        var wanted = new HttpRequest(request.Method, request.Address.OriginalString) { Headers = request.Headers, FollowsRedirects = false };
        if (request.Body is { } body) wanted = wanted with { Body = body };
        HttpAnswer answer = await turn.HttpAsync(wanted, needsAnswer: true, over);
        return new ExtismHttpResponse(answer.Status, answer.Headers, answer.Body.ToArray());
    }
}
