using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using LipSol.Client;
using LipSol.Silo.Node;
using LipSol.Silo.Tests.Streaming;

namespace LipSol.Silo.Tests.Nodes;

/// <summary>HTTPS with certificates made here.</summary>
public sealed class CertificateTests : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_node_speaks_https_and_programs_on_its_machine_find_it_and_believe_it()
    {
        var files = SelfSigned("own");
        await using var node = await TestNode.StartAsync(o => o with { Certificate = files });
        Assert.StartsWith("https://127.0.0.1:", node.Url);
        var file = NodeFile.Read(node.DataFolder)!;
        Assert.Equal(node.Url, file.Url);
        using (var found = await LipSolClient.ConnectAsync(node.DataFolder)) Assert.Equal("test", (await found.GetNodeAsync()).Name);

        // Whoever has nothing but the address believes it as the system does: not at all.
        using var stranger = new LipSolClient(new Uri(node.Url), node.Token);
        var refusal = await Assert.ThrowsAsync<LipSolException>(() => stranger.GetNodeAsync());
        Assert.Equal("untrusted", refusal.Reason);
        Assert.Contains("LIPSOL_CA", refusal.Message);
        // Nor is one believed that isn't the one in node.json.
        using var other = new LipSolClient(new Uri(node.Url), node.Token, ServerTrust.OfNode(new string('0', 64)));
        Assert.Equal("untrusted", (await Assert.ThrowsAsync<LipSolException>(() => other.GetNodeAsync())).Reason);
        // In clear nothing is answered, and the cookie goes through TLS alone.
        using var clear = new LipSolClient(new Uri(node.Url.Replace("https", "http", StringComparison.Ordinal)), node.Token);
        await Assert.ThrowsAsync<LipSolUnreachableException>(() => clear.GetNodeAsync());
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, ServerCertificateCustomValidationCallback = (_, _, _, _) => true });
        Assert.Contains("; secure", (await browser.GetAsync($"{node.Url}/?token={node.Token}")).Headers.GetValues("Set-Cookie").Single());
    }

    [Fact]
    public async Task Live_captions_believe_whom_the_requests_believe_and_say_what_to_do_where_they_do_not()
    {
        await using var node = await TestNode.StartAsync(o => o with { Certificate = SelfSigned("own") });
        // The node has no model: it's the node itself that says so, over a connection that was believed.
        using (var found = LipSolClient.Connect(node.DataFolder)) Assert.Equal("no-model", (await RefusedStreamAsync(found)).Reason);
        using var stranger = new LipSolClient(new Uri(node.Url), node.Token);
        var refusal = await RefusedStreamAsync(stranger);
        Assert.Equal("untrusted", refusal.Reason);
        Assert.Contains("LIPSOL_CA", refusal.Message);

        static async Task<LipSolException> RefusedStreamAsync(LipSolClient client) => await Assert.ThrowsAsync<LipSolException>(async () => await client.Streams.ReadAsync(StreamFixture.Camera([])).ToListAsync());
    }

    [Fact]
    public async Task Live_captions_go_over_http_2_as_browsers_open_them()
    {
        await using var node = await TestNode.StartAsync(o => o with { Certificate = SelfSigned("own") });
        using var invoker = new HttpMessageInvoker(ServerTrust.OfNode(NodeFile.Read(node.DataFolder)!.Certificate!));
        var address = new Uri(node.Url.Replace("https://", "wss://", StringComparison.Ordinal) + "/api/v1/stream");
        using var stranger = Browser();
        await Assert.ThrowsAsync<WebSocketException>(() => stranger.ConnectAsync(address, invoker, TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.HttpStatusCode);

        using var socket = Browser();
        socket.Options.SetRequestHeader("Authorization", "Bearer " + node.Token);
        await socket.ConnectAsync(address, invoker, TestContext.Current.CancellationToken);
        await socket.SendAsync("{}"u8.ToArray(), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
        var buffer = new byte[4096];
        var received = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
        Assert.Contains("no-model", Encoding.UTF8.GetString(buffer, 0, received.Count));

        static ClientWebSocket Browser() => new() { Options = { HttpVersion = HttpVersion.Version20, HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact, CollectHttpResponseDetails = true } };
    }

    [Fact]
    public async Task One_that_an_issuer_of_ours_signed_comes_with_those_in_between_and_is_believed_by_the_issuers_file()
    {
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var root = Issuer("CN=LipSol test root", rootKey).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        using var middleKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var middle = Issuer("CN=LipSol test issuer", middleKey).Create(root, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(20), [1]).CopyWithPrivateKey(middleKey);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var leaf = Server("CN=node", key).Create(middle, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(10), [2]);
        var files = Written("signed", leaf.ExportCertificatePem() + "\n" + middle.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
        var issuers = Path.Combine(folder.Path, "root.pem");
        await File.WriteAllTextAsync(issuers, root.ExportCertificatePem());

        await using var node = await TestNode.StartAsync(o => o with { Certificate = files });
        using var client = new LipSolClient(new Uri(node.Url), node.Token, ServerTrust.Of(issuers));
        Assert.Equal("test", (await client.GetNodeAsync()).Name);
        var unreadable = Assert.Throws<LipSolException>(() => ServerTrust.Of(Path.Combine(folder.Path, "none.pem")));
        Assert.Contains("LIPSOL_CA", unreadable.Message);
        Assert.Contains("holds no certificate", Assert.Throws<LipSolException>(() => ServerTrust.Of(files.Key!)).Message);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("a word")]
    public async Task Pkcs_12_and_encrypted_keys_do_too(string? password)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = Server("CN=node", key).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(10));
        var pfx = Path.Combine(folder.Path, "own.pfx");
        await File.WriteAllBytesAsync(pfx, made.Export(X509ContentType.Pkcs12, password));
        using (var read = NodeCertificate.Read(new CertificateFiles(pfx, null) { Password = password }, DateTimeOffset.UtcNow)) Assert.True(read.Own.HasPrivateKey);
        if (password is null) return;
        var encrypted = key.ExportEncryptedPkcs8PrivateKeyPem(password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000));
        var files = Written("encrypted", made.ExportCertificatePem(), encrypted);
        using (var read = NodeCertificate.Read(files with { Password = password }, DateTimeOffset.UtcNow)) Assert.True(read.Own.HasPrivateKey);
        foreach (var wrong in new[] { files, files with { Password = "another" }, new CertificateFiles(pfx, null), new CertificateFiles(pfx, null) { Password = "another" } })
            Assert.Contains("LIPSOL_CERTIFICATE_PASSWORD", Assert.Throws<NodeStartException>(() => NodeCertificate.Read(wrong, DateTimeOffset.UtcNow)).Message);
    }

    [Fact]
    public void What_nobody_could_be_answered_with_is_refused_with_the_reason()
    {
        var good = SelfSigned("good");
        var other = SelfSigned("other");
        var now = DateTimeOffset.UtcNow;
        Assert.Contains("isn't that of the certificate", Refusal(good with { Key = other.Key }, now));
        Assert.Contains("expired on", Refusal(good, now.AddDays(11)));
        Assert.Contains("is valid from", Refusal(good, now.AddDays(-2)));
        Assert.Contains("isn't one for servers", Refusal(SelfSigned("client", ClientAuthentication), now));
        Assert.Contains("--certificate", Refusal(good with { Certificate = Path.Combine(folder.Path, "none.pem") }, now));
        Assert.Contains("--key", Refusal(good with { Key = Path.Combine(folder.Path, "none.key") }, now));
        Assert.Contains("--key", Refusal(good with { Key = null }, now));
        Assert.Contains("holds no certificate", Refusal(good with { Certificate = good.Key! }, now));
        var damaged = Path.Combine(folder.Path, "damaged.pem");
        File.WriteAllText(damaged, PemEncoding.WriteString("CERTIFICATE", [1, 2, 3]));
        Assert.Contains("can't be read", Refusal(good with { Certificate = damaged }, now));
        File.WriteAllBytes(Path.ChangeExtension(damaged, ".pfx"), [1, 2, 3]);
        Assert.Contains("isn't PKCS #12", Refusal(new CertificateFiles(Path.ChangeExtension(damaged, ".pfx"), null), now));
    }

    [Fact]
    public async Task A_node_with_a_certificate_that_cannot_be_used_ends_with_status_2_and_leaves_the_data_folder_free()
    {
        var good = SelfSigned("good");
        var data = Path.Combine(folder.Path, "data");
        Assert.Equal(2, await NodeCommand.RunAsync(["--data", data, "--port", "0", "--certificate", good.Certificate, "--key", SelfSigned("other").Key!]));
        Assert.Equal(2, await NodeCommand.RunAsync(["--data", data, "--port", "0", "--key", good.Key!]));
        DataFolderLock.Take(data).Dispose();
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1", "127.0.0.1")]
    [InlineData("127.0.0.1", "localhost", "localhost")]
    [InlineData("127.0.0.1", "lipsol.example.org", "127.0.0.1")]
    [InlineData("0.0.0.0", "lipsol.example.org", "lipsol.example.org")]
    [InlineData("0.0.0.0", "*.example.org", "127.0.0.1")]
    [InlineData("192.0.2.1", "lipsol.example.org", "lipsol.example.org")]
    [InlineData("192.0.2.1", "192.0.2.1", "192.0.2.1")]
    public void The_nodes_address_is_by_a_name_that_leads_to_it_and_that_the_certificate_is_for(string bind, string named, string due)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = Server("CN=x", key, ServerAuthentication, named).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(10));
        using var read = NodeCertificate.Read(Written("named", made.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem()), DateTimeOffset.UtcNow);
        Assert.Equal(due, read.HostFor(IPAddress.Parse(bind)));
    }

    [Fact]
    public async Task Whoever_opens_a_connection_and_says_nothing_holds_up_nobody()
    {
        await using var node = await TestNode.StartAsync(o => o with { Certificate = SelfSigned("own") });
        var address = new Uri(node.Url);
        var silent = new List<TcpClient>();
        for (var i = 0; i < 50; i++)
        {
            silent.Add(new TcpClient());
            await silent[^1].ConnectAsync(address.Host, address.Port);
        }
        using (var client = await LipSolClient.ConnectAsync(node.DataFolder)) Assert.Equal("test", (await client.GetNodeAsync()).Name);
        foreach (var connection in silent) connection.Dispose();
    }

    private static string Refusal(CertificateFiles files, DateTimeOffset now) => Assert.Throws<NodeStartException>(() => NodeCertificate.Read(files, now)).Message;

    private CertificateFiles SelfSigned(string name, string use = ServerAuthentication)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = Server("CN=" + name, key, use).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(10));
        return Written(name, made.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    private CertificateFiles Written(string name, string certificate, string key)
    {
        var files = new CertificateFiles(Path.Combine(folder.Path, name + ".pem"), Path.Combine(folder.Path, name + ".key"));
        File.WriteAllText(files.Certificate, certificate + "\n");
        File.WriteAllText(files.Key!, key + "\n");
        return files;
    }

    private static CertificateRequest Server(string name, ECDsa key, string use = ServerAuthentication, string named = "127.0.0.1")
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], false));
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(named, out var address)) names.AddIpAddress(address);
        else names.AddDnsName(named);
        request.CertificateExtensions.Add(names.Build());
        return request;
    }

    private static CertificateRequest Issuer(string name, ECDsa key)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        return request;
    }
}
