namespace LipSol.Testing.S3;

/// <summary>One store for all tests of a test program: started when the first test asks, ended with the program.</summary>
public static class SharedCeph
{
    private static readonly Lazy<Task<CephStore>> Store = new(StartAsync);

    /// <summary>The store.</summary>
    public static Task<CephStore> GetAsync() => Store.Value;

    private static async Task<CephStore> StartAsync()
    {
        CephStore store = await CephStore.StartAsync();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => store.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return store;
    }
}
