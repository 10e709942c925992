using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using LipSol.Cli.Access;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Tests.Programs;
using LipSol.Client;

namespace LipSol.Cli.Tests.Access;

public sealed class TokensTests(Workshop workshop) : IDisposable
{
    private readonly TemporaryFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task A_token_is_printed_once_by_itself_does_what_its_role_says_and_nothing_once_revoked()
    {
        var made = await workshop.ReadyAsync();
        var created = (await LipSolProgram.RunAsync(made.DataFolder, "tokens", "create", "reader", "--role", "read", "--expires", "30d")).With(0);
        var token = created.Output.Split('\n')[0].Trim();
        Assert.Matches("^lipsol_[0-9a-f]{48}$", token);
        Assert.Contains("it isn't shown again", created.Output + created.Errors);

        Assert.NotEmpty((await WithAsync("runs", "list", "--json")).With(0).Document.EnumerateArray());
        var refused = (await WithAsync("models", "rollback", "tiny-words", "--json")).With(2).Document.GetProperty("error").GetString()!;
        Assert.Contains("needs a token with the role admin; \"reader\" has read", refused);

        var listed = (await LipSolProgram.RunAsync(made.DataFolder, "tokens", "list")).With(0).Output;
        Assert.Contains("reader", listed);
        Assert.DoesNotContain(token, listed);
        Assert.Contains("lets nobody in any more", (await LipSolProgram.RunAsync(made.DataFolder, "tokens", "revoke", "reader", "--yes")).With(0).Output);
        Assert.Contains("revoked", (await WithAsync("runs", "list", "--json")).With(2).Document.GetProperty("error").GetString());

        async Task<Answer> WithAsync(params string[] arguments)
        {
            await using var program = LipSolProgram.StartWith(new() { ["LIPSOL_URL"] = made.Node.Url, ["LIPSOL_TOKEN"] = token }, scratch["data"], arguments);
            return await program.Ended;
        }
    }

    [Theory]
    [InlineData("12h", 12)]
    [InlineData("30d", 30 * 24)]
    [InlineData("2w", 14 * 24)]
    public void Times_are_written_with_their_unit(string text, int hours) => Assert.Equal(TimeSpan.FromHours(hours), TokensCommand.Duration(text));

    [Theory]
    [InlineData("30")]
    [InlineData("d")]
    [InlineData("")]
    [InlineData("-3d")]
    [InlineData("1.5d")]
    [InlineData("0d")]
    [InlineData("99999d")]
    public void What_is_no_time_is_bad_input(string text) => Assert.Contains("30d", Assert.Throws<BadInputException>(() => TokensCommand.Duration(text)).Message);

    [Fact]
    public async Task A_node_with_a_certificate_is_found_by_the_commands_on_its_machine_and_by_the_issuers_file_elsewhere()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=lipsol test", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(10));
        await File.WriteAllTextAsync(scratch["node.pem"], certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(scratch["node.key"], key.ExportPkcs8PrivateKeyPem());

        await using var up = LipSolProgram.Start(scratch["data"], "up", "--port", "0", "--certificate", scratch["node.pem"], "--key", scratch["node.key"], "--log-format", "json");
        await up.WaitForOutputAsync(text => text.Contains("stop   Ctrl-C", StringComparison.Ordinal));
        Assert.Equal("1", (await LipSolProgram.RunAsync(scratch["data"], "nodes", "list", "--json")).With(0).Document.GetArrayLength().ToString());
        var node = NodeFile.Read(scratch["data"])!;
        Assert.StartsWith("https://127.0.0.1:", node.Url);
        foreach (var (ca, status) in new[] { (scratch["node.pem"], 0), ("", 1) })
        {
            await using var elsewhere = LipSolProgram.StartWith(new() { ["LIPSOL_URL"] = node.Url, ["LIPSOL_TOKEN"] = node.ReadToken(), ["LIPSOL_CA"] = ca }, scratch["elsewhere"], "nodes", "list", "--json");
            var answer = (await elsewhere.Ended).With(status);
            if (status == 1) Assert.Contains("LIPSOL_CA", answer.Document.GetProperty("error").GetString());
        }
        up.Signal("TERM");
        var ended = (await up.Ended).With(0);
        Assert.Contains("valid until", ended.Output);
        // What is logged is one document a line.
        foreach (var line in ended.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)) Assert.StartsWith("{\"time\":", line);

        File.Copy(scratch["node.pem"], scratch["wrong.key"]);
        Assert.Contains("can't be read", (await LipSolProgram.RunAsync(scratch["data"], "up", "--port", "0", "--certificate", scratch["node.pem"], "--key", scratch["wrong.key"])).With(2).Errors);
    }
}
