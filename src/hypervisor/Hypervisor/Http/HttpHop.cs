using System.Net;

namespace Sirsi.Hypervisor.Http;

/// <summary>Where a request goes: at first as the agent wrote it, then as redirects say (RFC 9110, 15.4).</summary>
/// <param name="Address">To where, secrets filled in.</param>
/// <param name="Verb">By which method.</param>
/// <param name="HasBody">Whether its body goes along.</param>
/// <param name="IsAtOrigin">Whether it has been at no other origin than the agent's; else credentials stay behind.</param>
internal sealed record HttpHop(Uri Address, string Verb, bool HasBody, bool IsAtOrigin)
{
    /// <summary>Where the answer leads on to; null when it is no redirect.</summary>
    /// <exception cref="HttpRefusedException">It leads where no request goes. The place is not named, as the server may have put a secret into it.</exception>
    public HttpHop? After(HttpResponseMessage response)
    {
        string? location = LocationOf(response);
        if (location is null || response.StatusCode is not (HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
            or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect)) return null;
        if (!Uri.TryCreate(Address, location, out Uri? next)) throw new HttpRefusedException("A redirect leads to no address.");
        if (HttpAddress.Fault(next) is { } fault) throw new HttpRefusedException($"A redirect is not followed: its address {fault}.");
        if (Address.Scheme == Uri.UriSchemeHttps && next.Scheme == Uri.UriSchemeHttp) throw new HttpRefusedException("A redirect from https to http is not followed.");
        bool becomesGet = response.StatusCode switch
        {
            HttpStatusCode.MovedPermanently or HttpStatusCode.Found => Verb is "POST",
            HttpStatusCode.SeeOther => Verb is not ("GET" or "HEAD"),
            _ => false,
        };
        bool staysAtOrigin = IsAtOrigin && HttpAddress.IsSameOrigin(Address, next);
        return becomesGet ? new HttpHop(next, "GET", HasBody: false, staysAtOrigin) : new HttpHop(next, Verb, HasBody, staysAtOrigin);
    }

    private static string? LocationOf(HttpResponseMessage response) =>
        response.Headers.NonValidated.TryGetValues("Location", out System.Net.Http.Headers.HeaderStringValues values) && values.Count == 1 ? values.ToString() : null;
}
