namespace LipSol.Storage.Tests;

/// <summary>What a node is told to join, and what is said of it.</summary>
public sealed class JoinTests
{
    private const string Secret = "s3cret";

    [Theory]
    [InlineData("Host=db;Database=lipsol")]
    [InlineData("host=10.0.0.7;port=5433;database=lipsol;username=u;password='a;b=c'")]
    [InlineData("Server=/var/run/postgresql;Database=lipsol")]
    public void A_host_and_a_database_are_PostgreSQL(string join)
    {
        StorageOptions options = StorageOptions.Parse(join);
        Assert.Equal((StorageProvider.PostgreSql, join, true, Durability.PowerCut), (options.Provider, options.ConnectionString, options.Membership, options.Durability));
    }

    [Theory]
    [InlineData("Data Source=/srv/لپ سول/lipsol.db", "/srv/لپ سول/lipsol.db")]
    [InlineData("datasource=lipsol.db;", "lipsol.db")]
    public void A_data_source_is_a_SQLite_file_with_the_membership_in_it(string join, string file)
    {
        StorageOptions options = StorageOptions.Parse(join);
        Assert.Equal((StorageProvider.Sqlite, file, true), (options.Provider, options.Path, options.Membership));
    }

    [Theory]
    [InlineData("", "Nothing says")]
    [InlineData("node1:5000", "\"node1:5000\" names no database")]
    [InlineData("/srv/lipsol.db", "\"/srv/lipsol.db\" names no database")]
    [InlineData("postgres://lipsol:s3cret@db/lipsol", "names no database")]
    [InlineData("Database=lipsol;Password=s3cret", "neither Host nor Data Source")]
    [InlineData("Host=db;Password=s3cret", "says no Database")]
    [InlineData("Host=;Database=lipsol;Password=s3cret", "neither Host nor Data Source")]
    [InlineData("Host=' ';Database=lipsol;Password=s3cret", "says no Host")]
    [InlineData("Host=db;Database=lipsol;Hoast=x", "\"hoast\"")]
    [InlineData("Host=db;Database=lipsol;Port=many", "\"port\"")]
    [InlineData("Host=db;Database=lipsol;Password=ab;s3cret=x", "stands in quotes")]
    [InlineData("Host=db;Database=lipsol;Password=\"ab;s3cret", "stands in quotes")]
    [InlineData("Host=db;Database=lipsol;Port=s3cret;Password=x", "stands in quotes")]
    [InlineData("Data Source=:memory:", "no file")]
    [InlineData("Data Source=lipsol.db;Password=s3cret", "Data Source alone")]
    public void Anything_else_is_refused_with_both_forms_and_without_what_may_be_a_password(string join, string says)
    {
        StorageException e = Assert.Throws<StorageException>(() => StorageOptions.Parse(join));
        Assert.Contains(says, e.Message);
        Assert.Contains("Host=db.example.org;Database=lipsol", e.Message);
        Assert.Contains("Data Source=/srv/lipsol/lipsol.db", e.Message);
        Assert.DoesNotContain(Secret, e.ToString());
    }

    [Fact]
    public void Options_say_which_database_they_name_and_no_password()
    {
        Assert.Equal("the PostgreSQL database lipsol at db:5433", $"{StorageOptions.Parse("Host=db;Port=5433;Database=lipsol;Username=u;Password=s3cret")}");
        Assert.Equal("the SQLite file /srv/lipsol.db", $"{StorageOptions.Parse("Data Source=/srv/lipsol.db")}");
        Assert.Equal("a PostgreSQL database", $"{new StorageOptions { Provider = StorageProvider.PostgreSql, ConnectionString = "Password=s3cret" }}");
    }

    [Fact]
    public async Task Options_that_name_no_database_are_refused_before_anything_is_made()
    {
        await Assert.ThrowsAsync<StorageException>(() => DatabaseSetup.PrepareAsync(new StorageOptions()));
        await Assert.ThrowsAsync<StorageException>(() => DatabaseSetup.PrepareAsync(new StorageOptions { Provider = StorageProvider.PostgreSql }));
        Assert.Throws<StorageException>(() => NodePresence.Open(new StorageOptions { Provider = (StorageProvider)7, Path = "x" }));
    }
}
