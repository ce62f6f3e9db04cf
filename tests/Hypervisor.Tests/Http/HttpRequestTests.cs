using System.Net;
using Sirsi.Hypervisor.Http;

namespace Sirsi.Hypervisor.Tests.Http;

public sealed class HttpRequestTests
{
    [Theory]
    [InlineData("http://Example.COM/a", "example.com")]
    [InlineData("https://example.com:443/", "example.com")]
    [InlineData("https://example.com:80/", "example.com:80")]
    [InlineData("http://example.com:8080/", "example.com:8080")]
    [InlineData("http://[2001:DB8:0::1]/", "[2001:db8::1]")]
    [InlineData("http://[2001:db8::1]:8080/", "[2001:db8::1]:8080")]
    [InlineData("http://bücher.example/", "xn--bcher-kva.example")]
    [InlineData("http://BÜCHER.example/", "xn--bcher-kva.example")]
    [InlineData("http://0x7f.1/", "127.0.0.1")]
    [InlineData("http://2130706433/", "127.0.0.1")]
    [InlineData("http://017700000001/", "127.0.0.1")]
    public void A_host_has_one_form_for_capabilities(string address, string authority) => Assert.Equal(authority, HttpAddress.AuthorityOf(new Uri(address)));

    [Theory]
    [InlineData("ftp://example.com/", "not one of http or https")]
    [InlineData("file:///etc/passwd", "not one of http or https")]
    [InlineData("/relative", "The address is not")]
    [InlineData("example.com", "not absolute")]
    [InlineData("http://user:word@example.com/", "user information")]
    [InlineData("http://example.com@evil.example/", "user information")]
    [InlineData("https://${secret:host}/", "not absolute")]
    [InlineData("https://example.com:${secret:port}/", "not absolute")]
    public void An_address_that_is_none_is_refused(string address, string problem) =>
        Assert.Contains(problem, Assert.Single(new HttpRequest("GET", address).Problems()), StringComparison.Ordinal);

    [Theory]
    [InlineData("X-A", "b\r\nX-C: d", "characters that no header may have")]
    [InlineData("X-A", "b\nX-C: d", "characters that no header may have")]
    [InlineData("X-A", "b\0", "characters that no header may have")]
    [InlineData("X-A", "é", "characters that no header may have")]
    [InlineData("X-A\r\nX-C", "d", "name is no word")]
    [InlineData("X A", "d", "name is no word")]
    [InlineData("X-A:", "d", "name is no word")]
    [InlineData("", "d", "name is no word")]
    [InlineData("host", "evil.example", "the host's to set")]
    [InlineData("content-length", "3", "the host's to set")]
    [InlineData("Transfer-Encoding", "chunked", "the host's to set")]
    [InlineData("Connection", "close", "the host's to set")]
    [InlineData("Proxy-Authorization", "x", "the host's to set")]
    public void A_header_that_could_hide_another_is_refused_and_not_quoted(string name, string value, string problem)
    {
        string said = Assert.Single(new HttpRequest("GET", "http://example.com/").WithHeader(name, value).Problems());
        Assert.Contains(problem, said, StringComparison.Ordinal);
        if (value.Length > 1) Assert.DoesNotContain(value, said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CONNECT", "CONNECT is not for agents")]
    [InlineData("trace", "TRACE is not for agents")]
    [InlineData("GET / HTTP/1.1\r\nX: y", "method is none")]
    [InlineData("", "method is none")]
    public void A_method_that_is_none_is_refused(string method, string problem) =>
        Assert.Contains(problem, Assert.Single(new HttpRequest(method, "http://example.com/").Problems()), StringComparison.Ordinal);

    [Fact]
    public void A_request_says_of_itself_its_method_and_host_only()
    {
        HttpRequest request = new HttpRequest("post", "http://example.com/private?key=word") { Body = World.Bytes("word") }.WithHeader("Authorization", "word");
        Assert.Equal("POST example.com", request.ToString());
        Assert.Equal("POST example.com", request.StepName);
    }

    [Theory]
    [InlineData(301, "POST", "GET")]
    [InlineData(302, "POST", "GET")]
    [InlineData(301, "PUT", "PUT")]
    [InlineData(302, "HEAD", "HEAD")]
    [InlineData(303, "PUT", "GET")]
    [InlineData(303, "POST", "GET")]
    [InlineData(303, "HEAD", "HEAD")]
    [InlineData(303, "GET", "GET")]
    [InlineData(307, "POST", "POST")]
    [InlineData(308, "DELETE", "DELETE")]
    public void Redirects_keep_or_change_the_method_as_the_standard_says(int status, string verb, string expected)
    {
        HttpHop next = After(status, verb, "https://example.com/a", "b?c=d")!;
        Assert.Equal(new Uri("https://example.com/b?c=d"), next.Address);
        Assert.Equal(expected, next.Verb);
        Assert.Equal(expected == verb, next.HasBody);
        Assert.True(next.IsAtOrigin);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(300)]
    [InlineData(304)]
    [InlineData(305)]
    public void Other_statuses_are_answers(int status) => Assert.Null(After(status, "GET", "http://example.com/", "/b"));

    [Theory]
    [InlineData("http://example.com/", "https://example.com/", false)]
    [InlineData("http://example.com/", "http://example.com:8080/", false)]
    [InlineData("http://example.com/", "http://www.example.com/", false)]
    [InlineData("http://example.com/", "//evil.example/", false)]
    [InlineData("http://example.com/", "http://EXAMPLE.com:80/x", true)]
    public void An_origin_is_scheme_host_and_port(string from, string to, bool isSame) => Assert.Equal(isSame, After(307, "POST", from, to)!.IsAtOrigin);

    [Theory]
    [InlineData("https://example.com/", "http://example.com/", "from https to http")]
    [InlineData("http://example.com/", "file:///etc/passwd", "not one of http or https")]
    [InlineData("http://example.com/", "http://user@example.com/", "user information")]
    public void A_redirect_to_where_no_request_goes_is_refused(string from, string to, string reason) =>
        Assert.Contains(reason, Assert.Throws<HttpRefusedException>(() => After(302, "GET", from, to)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("localhost", "localhost")]
    [InlineData("Intranet.Example", "intranet.example")]
    [InlineData("::1", "::1")]
    [InlineData("[::1]", "::1")]
    [InlineData("http://x/", null)]
    [InlineData("x:80", null)]
    [InlineData("x:8080", null)]
    [InlineData("x/y", null)]
    [InlineData("*", null)]
    [InlineData("", null)]
    public void An_operator_allows_hosts_by_name(string name, string? expected)
    {
        Assert.Equal(expected, HttpAddress.HostOf(name));
        Assert.Equal(expected is null, new HttpOptions { AllowedPrivateHosts = [name] }.Problems().Any());
    }

    private static HttpHop? After(int status, string verb, string from, string location)
    {
        using var response = new HttpResponseMessage((HttpStatusCode)status);
        response.Headers.TryAddWithoutValidation("Location", location);
        return new HttpHop(new Uri(from), verb, HasBody: true, IsAtOrigin: true).After(response);
    }
}
