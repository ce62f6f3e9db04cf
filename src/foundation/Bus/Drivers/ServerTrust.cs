using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sirsi.Bus.Drivers;

/// <summary>
/// Which servers are believed over TLS: whose certificate has the name they were called by, and was signed by an authority of the machine, or of a file where one is named. One rule for
/// all drivers. Safe for any number of threads.
/// </summary>
internal sealed class ServerTrust
{
    /// <summary>The use "server authentication" of a certificate.</summary>
    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");

    private readonly string? _file;
    private readonly X509Certificate2Collection _authorities = [];

    /// <param name="authorityFile">A file with the authorities' certificates (PEM); null for those of the machine.</param>
    /// <exception cref="BusException">The file cannot be read, or holds no certificate.</exception>
    public ServerTrust(string? authorityFile)
    {
        _file = authorityFile;
        if (authorityFile is null) return;
        try
        {
            _authorities.ImportFromPemFile(authorityFile);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new BusException(BusErrors.ServerNotTrusted, $"The authorities in {authorityFile} cannot be read: {problem.Message}", problem);
        }

        if (_authorities.Count == 0) throw new BusException(BusErrors.ServerNotTrusted, $"{authorityFile} holds no certificate of an authority.");
    }

    /// <summary>What to tell when a connection failed for want of trust, or because what answered does not encrypt; null for any other problem.</summary>
    public static BusException? FailureOf(object server, Exception problem)
    {
        for (Exception? cause = problem; cause is not null; cause = cause.InnerException)
            if (cause is AuthenticationException) return new BusException(BusErrors.ServerNotTrusted, $"{server} is not trusted: {cause.Message}", problem);
        return null;
    }

    /// <summary>Looks at a certificate that a server shows, as all clients ask.</summary>
    /// <exception cref="AuthenticationException">It is not trusted.</exception>
    public bool Check(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null) throw new AuthenticationException("It shows no certificate.");
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            throw new AuthenticationException($"Its certificate ({certificate.Subject}) is not for the name {(sender as SslStream)?.TargetHostName}.");
        using X509Chain? named = _file is null ? null : ChainToNamed(chain);
        bool isSigned = named?.Build((X509Certificate2)certificate) ?? errors == SslPolicyErrors.None;
        if (!isSigned) throw Unsigned(certificate, named ?? chain);
        return isSigned;
    }

    /// <summary>A chain that may end in the file's authorities only.</summary>
    private X509Chain ChainToNamed(X509Chain? sent)
    {
        var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        chain.ChainPolicy.ApplicationPolicy.Add(ServerAuthentication);
        if (sent is not null) chain.ChainPolicy.ExtraStore.AddRange(sent.ChainPolicy.ExtraStore);
        return chain;
    }

    private AuthenticationException Unsigned(X509Certificate certificate, X509Chain? chain)
    {
        string authority = _file is null ? "that this machine trusts" : $"of {_file}";
        string why = string.Join(", ", chain?.ChainStatus.Select(static status => status.Status).Distinct() ?? []);
        return new AuthenticationException($"Its certificate ({certificate.Subject}, signed by '{certificate.Issuer}') does not lead to an authority {authority}: {why}.");
    }
}
