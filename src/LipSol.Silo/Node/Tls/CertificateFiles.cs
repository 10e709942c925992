namespace LipSol.Silo.Node;

/// <summary>Where the certificate that HTTPS is spoken with lies.</summary>
/// <param name="Certificate">PEM: the certificate, and behind it those between it and its root; or PKCS #12 (<c>.pfx</c>, <c>.p12</c>).</param>
/// <param name="Key">PEM: its private key; null where it's in the same file.</param>
internal sealed record CertificateFiles(string Certificate, string? Key)
{
    /// <summary>Where the password of an encrypted key is taken from: it has no place in a list of processes.</summary>
    public const string PasswordVariable = "LIPSOL_CERTIFICATE_PASSWORD";

    /// <summary>Of an encrypted key; null where it isn't.</summary>
    public string? Password { get; init; }

    /// <summary>Without the password.</summary>
    public override string ToString() => Certificate;
}
