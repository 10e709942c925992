using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace LipSol.Silo.Node;

/// <summary>The certificate that HTTPS is spoken with, looked at before anything listens.</summary>
internal sealed class NodeCertificate : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private NodeCertificate(X509Certificate2 own, X509Certificate2Collection chain) => (Own, Chain) = (own, chain);

    /// <summary>With its private key.</summary>
    public X509Certificate2 Own { get; }

    /// <summary>Those between it and its root, sent along with it.</summary>
    public X509Certificate2Collection Chain { get; }

    /// <summary>Reads it.</summary>
    /// <exception cref="NodeStartException">Nobody could be answered with it; the message says why.</exception>
    public static NodeCertificate Read(CertificateFiles files, DateTimeOffset now)
    {
        RequireReadable(files.Certificate, "--certificate");
        if (files.Key is { } key) RequireReadable(key, "--key");
        var read = IsPkcs12(files.Certificate) ? ReadPkcs12(files) : ReadPem(files);
        try
        {
            Check(read.Own, files.Certificate, now);
            return read;
        }
        catch
        {
            read.Dispose();
            throw;
        }
    }

    /// <summary>SHA-256, as hexadecimal digits.</summary>
    public string Fingerprint => Own.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant();

    /// <summary>The name in the node's address: one that leads here, and that the certificate is for as far as there is one.</summary>
    /// <param name="bind">What the node listens on.</param>
    public string HostFor(IPAddress bind)
    {
        var anywhere = bind.Equals(IPAddress.Any) || bind.Equals(IPAddress.IPv6Any);
        var address = anywhere ? IPAddress.Loopback : bind;
        string[] near = IPAddress.IsLoopback(address) ? [Written(address), "localhost"] : [Written(address)];
        return near.FirstOrDefault(Names)
            // On loopback alone nobody gets here by a name from elsewhere.
            ?? (IPAddress.IsLoopback(bind) ? null : Own.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(e => e.EnumerateDnsNames()).FirstOrDefault(name => !name.Contains('*', StringComparison.Ordinal)))
            ?? near[0];
    }

    /// <summary>Has HTTPS spoken where the node listens.</summary>
    public void ServeOn(ListenOptions listen) => listen.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificate = Own, ServerCertificateChain = Chain });

    public void Dispose()
    {
        Own.Dispose();
        foreach (var other in Chain) other.Dispose();
    }

    private bool Names(string host) => Own.MatchesHostname(host.Trim('[', ']'));

    private static string Written(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();

    private static bool IsPkcs12(string path) => Path.GetExtension(path).ToLowerInvariant() is ".pfx" or ".p12";

    private static void RequireReadable(string path, string option)
    {
        try
        {
            using var file = File.OpenRead(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NodeStartException($"{option}: {path} can't be read: {e.Message}", e);
        }
    }

    private static NodeCertificate ReadPkcs12(CertificateFiles files)
    {
        if (files.Key is not null) throw new NodeStartException($"--key: {files.Certificate} holds its own key. Leave --key out.");
        try
        {
            var all = X509CertificateLoader.LoadPkcs12CollectionFromFile(files.Certificate, files.Password);
            var own = all.FirstOrDefault(c => c.HasPrivateKey) ?? throw new NodeStartException($"{files.Certificate} holds no private key. Export it with its key.");
            all.Remove(own);
            return new NodeCertificate(own, all);
        }
        catch (CryptographicException e)
        {
            throw new NodeStartException($"{files.Certificate} can't be read: it isn't PKCS #12, is damaged, or has another password than {CertificateFiles.PasswordVariable}{(files.Password is null ? ", which isn't set" : "")}. ({e.Message})", e);
        }
    }

    private static NodeCertificate ReadPem(CertificateFiles files)
    {
        var all = new X509Certificate2Collection();
        try
        {
            all.ImportFromPemFile(files.Certificate);
            if (all.Count == 0) throw new NodeStartException($"{files.Certificate} holds no certificate (-----BEGIN CERTIFICATE-----).");
            var own = files.Password is { } password
                ? X509Certificate2.CreateFromEncryptedPemFile(files.Certificate, password, files.Key ?? files.Certificate)
                : X509Certificate2.CreateFromPemFile(files.Certificate, files.Key ?? files.Certificate);
            all[0].Dispose();
            all.RemoveAt(0);
            return new NodeCertificate(Usable(own), all);
        }
        catch (Exception e) when (e is ArgumentException || e is CryptographicException { InnerException: ArgumentException })
        {
            throw new NodeStartException($"The key in {files.Key ?? files.Certificate} isn't that of the certificate in {files.Certificate}. Give the two that were made together.", e);
        }
        catch (CryptographicException e)
        {
            var why = files.Key is null ? "Where the key is in another file, name it with --key." : $"Where the key is encrypted, its password is taken from {CertificateFiles.PasswordVariable}.";
            throw new NodeStartException($"The certificate in {files.Certificate}, or the key in {files.Key ?? "it"}, can't be read: {e.Message} {why}", e);
        }
    }

    /// <summary>Windows can't answer with a key that is in memory alone.</summary>
    private static X509Certificate2 Usable(X509Certificate2 certificate)
    {
        if (!OperatingSystem.IsWindows()) return certificate;
        using (certificate) return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }

    private static void Check(X509Certificate2 certificate, string path, DateTimeOffset now)
    {
        if (certificate.NotAfter.ToUniversalTime() <= now) throw new NodeStartException($"The certificate in {path} expired on {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC. Have it renewed.");
        if (certificate.NotBefore.ToUniversalTime() > now) throw new NodeStartException($"The certificate in {path} is valid from {certificate.NotBefore.ToUniversalTime():yyyy-MM-dd HH:mm} UTC on. Is this machine's clock right?");
        if (certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault() is { } usage && !usage.EnhancedKeyUsages.Cast<Oid>().Any(o => o.Value == ServerAuthentication))
            throw new NodeStartException($"The certificate in {path} isn't one for servers (its extended key usage lacks serverAuth). Have one made for this node.");
    }
}
