using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace LipSol.Client;

/// <summary>Whose certificates are believed, where it isn't the system's choice: handlers for <see cref="LipSolClient(Uri, string?, HttpMessageHandler?)"/>.</summary>
public static class ServerTrust
{
    /// <summary>Where the file with certificates to believe is named.</summary>
    public const string Variable = "LIPSOL_CA";

    /// <summary>A handler as the environment says; null: the system's choice.</summary>
    internal static HttpMessageHandler? FromEnvironment() => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } file ? Of(file) : null;

    /// <summary>Believes what these certificates, or whom they stand for, have signed, and nothing else.</summary>
    /// <exception cref="LipSolException">The file can't be read, or holds none.</exception>
    public static SocketsHttpHandler Of(string file)
    {
        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new LipSolException($"{Variable}: {file} can't be read: {e.Message}", inner: e);
        }
        if (roots.Count == 0) throw new LipSolException($"{Variable}: {file} holds no certificate (-----BEGIN CERTIFICATE-----).");
        // A company's own issuer seldom answers who it has revoked.
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(roots);
        return new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = policy } };
    }

    /// <summary>Believes one certificate, whatever name it's for, beside what the system believes.</summary>
    /// <param name="fingerprint">SHA-256 of the certificate, as hexadecimal digits.</param>
    public static SocketsHttpHandler OfNode(string fingerprint) => new()
    {
        SslOptions =
        {
            RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                errors == SslPolicyErrors.None || (certificate is not null && certificate.GetCertHashString(HashAlgorithmName.SHA256).Equals(fingerprint, StringComparison.OrdinalIgnoreCase)),
        },
    };
}
