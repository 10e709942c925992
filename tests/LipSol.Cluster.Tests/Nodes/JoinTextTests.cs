using LipSol.Testing.Postgres;
using Npgsql;

namespace LipSol.Cluster.Tests.Nodes;

/// <summary>What <c>--join</c> can be given that is no database to join: status 2 and one line, with nothing in it that may be a secret.</summary>
public sealed class JoinTextTests : IDisposable
{
    private const string Secret = "hush-hush";
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("nothing", "names no database")]
    [InlineData("", "which database to join")]
    [InlineData($"postgres://lipsol:{Secret}@db/lipsol", "names no database")]
    [InlineData($"Host=db;Username=lipsol;Password={Secret}", "says no Database")]
    [InlineData($"Host=db;Database=lipsol;Passwort={Secret}", "can't read")]
    [InlineData($"Server=db;Database=lipsol;Password=a;{Secret}", "names no database")]
    [InlineData("Data Source=:memory:", "no file that several nodes could share")]
    [InlineData($"Host=127.0.0.1;Port=1;Database=lipsol;Username=lipsol;Password={Secret}", "can't be reached")]
    [InlineData($"Host=no-such-host.invalid;Database=lipsol;Username=lipsol;Password={Secret}", "can't be reached")]
    public async Task It_is_said_what_is_wrong(string join, string words) => AssertIsRefused(await NodeProcess.RefuseAsync(folder["data"], "--join", join, "--advertise", "127.0.0.1"), words);

    [Fact]
    public async Task A_wrong_password_and_a_database_that_is_not_there_are_told_apart()
    {
        Assert.SkipWhen(PostgresServer.WhyNot is not null, PostgresServer.WhyNot ?? "");
        await using var server = await PostgresServer.StartAsync();
        var right = new NpgsqlConnectionStringBuilder(server.ConnectionString(await server.CreateDatabaseAsync()));
        var wrong = new NpgsqlConnectionStringBuilder(right.ToString()) { Password = Secret };
        AssertIsRefused(await NodeProcess.RefuseAsync(folder["data"], "--join", wrong.ToString(), "--advertise", "127.0.0.1"), "Check Username and Password");
        var elsewhere = new NpgsqlConnectionStringBuilder(right.ToString()) { Database = "nowhere" };
        AssertIsRefused(await NodeProcess.RefuseAsync(folder["data"], "--join", elsewhere.ToString(), "--advertise", "127.0.0.1"), "no such database", right.Password!);
    }

    [Fact]
    public async Task A_shared_folder_that_is_not_there_is_said_and_never_made()
    {
        // As where a disk isn't mounted: an empty folder in its place would look like lost data.
        var (status, said) = await NodeProcess.RefuseAsync(folder["data"], "--join", $"Data Source={folder["cluster.db"]}", "--shared", folder["shared"]);
        Assert.Equal((2, $"lipsol: The shared folder {folder["shared"]} doesn't exist. Make it once, or see that its disk is mounted."), (status, said));
        Assert.False(Directory.Exists(folder["shared"]));
    }

    [Fact]
    public async Task Up_passes_it_on_unseen_and_the_environment_serves_as_well()
    {
        const string join = $"Host=127.0.0.1;Port=1;Database=lipsol;Username=lipsol;Password={Secret}";
        var given = await LipSolCommand.RunAsync(["up", "--data", folder["data"], "--port", "0", "--advertise", "127.0.0.1", "--join", join]);
        AssertIsRefused((given.Status, given.Said), "can't be reached");
        var found = await LipSolCommand.RunAsync(["up", "--data", folder["data"], "--port", "0", "--advertise", "127.0.0.1"], ("LIPSOL_JOIN", join));
        AssertIsRefused((found.Status, found.Said), "can't be reached");
    }

    private static void AssertIsRefused((int Status, string Said) refusal, string words, string secret = Secret)
    {
        Assert.Contains(words, refusal.Said);
        Assert.Equal(2, refusal.Status);
        // Without the warning that the test's server doesn't sync.
        Assert.StartsWith("lipsol: ", Assert.Single(refusal.Said.Split('\n'), line => !line.StartsWith("warn: LipSol.Storage.Postgres.PostgresMigrations", StringComparison.Ordinal)));
        Assert.DoesNotContain(secret, refusal.Said);
    }
}
