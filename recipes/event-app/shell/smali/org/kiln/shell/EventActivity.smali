# The one screen of the app: a web view on the pages in its assets.
#
# What differs between apps stands in resources (start_page, background, live_updates), so that this code is the same
# for all of them. Nothing of the app is offered to the pages: no bridge, no files but the assets, no content providers.
.class public Lorg/kiln/shell/EventActivity;
.super Landroid/app/Activity;
.source "EventActivity.smali"

.field private web:Landroid/webkit/WebView;


.method public constructor <init>()V
    .registers 1
    invoke-direct {p0}, Landroid/app/Activity;-><init>()V
    return-void
.end method

# The number of a resource, by its type and name.
.method private find(Ljava/lang/String;Ljava/lang/String;)I
    .registers 6
    invoke-virtual {p0}, Lorg/kiln/shell/EventActivity;->getResources()Landroid/content/res/Resources;
    move-result-object v0
    invoke-virtual {p0}, Lorg/kiln/shell/EventActivity;->getPackageName()Ljava/lang/String;
    move-result-object v1
    invoke-virtual {v0, p2, p1, v1}, Landroid/content/res/Resources;->getIdentifier(Ljava/lang/String;Ljava/lang/String;Ljava/lang/String;)I
    move-result v0
    return v0
.end method

.method private text(Ljava/lang/String;)Ljava/lang/String;
    .registers 4
    const-string v0, "string"
    invoke-direct {p0, v0, p1}, Lorg/kiln/shell/EventActivity;->find(Ljava/lang/String;Ljava/lang/String;)I
    move-result v0
    invoke-virtual {p0, v0}, Lorg/kiln/shell/EventActivity;->getString(I)Ljava/lang/String;
    move-result-object v0
    return-object v0
.end method

.method private isLive()Z
    .registers 4
    const-string v0, "bool"
    const-string v1, "live_updates"
    invoke-direct {p0, v0, v1}, Lorg/kiln/shell/EventActivity;->find(Ljava/lang/String;Ljava/lang/String;)I
    move-result v0
    invoke-virtual {p0}, Lorg/kiln/shell/EventActivity;->getResources()Landroid/content/res/Resources;
    move-result-object v1
    invoke-virtual {v1, v0}, Landroid/content/res/Resources;->getBoolean(I)Z
    move-result v0
    return v0
.end method

.method protected onCreate(Landroid/os/Bundle;)V
    .registers 5
    invoke-super {p0, p1}, Landroid/app/Activity;->onCreate(Landroid/os/Bundle;)V
    new-instance v0, Landroid/webkit/WebView;
    invoke-direct {v0, p0}, Landroid/webkit/WebView;-><init>(Landroid/content/Context;)V
    iput-object v0, p0, Lorg/kiln/shell/EventActivity;->web:Landroid/webkit/WebView;
    invoke-virtual {v0}, Landroid/webkit/WebView;->getSettings()Landroid/webkit/WebSettings;
    move-result-object v1
    invoke-direct {p0, v1}, Lorg/kiln/shell/EventActivity;->settle(Landroid/webkit/WebSettings;)V
    new-instance v1, Lorg/kiln/shell/Links;
    invoke-direct {v1, p0}, Lorg/kiln/shell/Links;-><init>(Lorg/kiln/shell/EventActivity;)V
    invoke-virtual {v0, v1}, Landroid/webkit/WebView;->setWebViewClient(Landroid/webkit/WebViewClient;)V
    # The splash stays to be seen until the first page is there.
    const/4 v1, 0x0
    invoke-virtual {v0, v1}, Landroid/webkit/WebView;->setBackgroundColor(I)V
    invoke-virtual {p0, v0}, Lorg/kiln/shell/EventActivity;->setContentView(Landroid/view/View;)V
    if-eqz p1, :start
    invoke-virtual {v0, p1}, Landroid/webkit/WebView;->restoreState(Landroid/os/Bundle;)Landroid/webkit/WebBackForwardList;
    move-result-object v1
    if-eqz v1, :start
    invoke-virtual {v1}, Landroid/webkit/WebBackForwardList;->getSize()I
    move-result v1
    if-lez v1, :start
    return-void
    :start
    const-string v1, "start_page"
    invoke-direct {p0, v1}, Lorg/kiln/shell/EventActivity;->text(Ljava/lang/String;)Ljava/lang/String;
    move-result-object v1
    invoke-virtual {v0, v1}, Landroid/webkit/WebView;->loadUrl(Ljava/lang/String;)V
    return-void
.end method

# What the pages may do.
.method private settle(Landroid/webkit/WebSettings;)V
    .registers 7
    const/4 v0, 0x1
    const/4 v1, 0x0
    invoke-virtual {p1, v0}, Landroid/webkit/WebSettings;->setJavaScriptEnabled(Z)V
    invoke-virtual {p1, v0}, Landroid/webkit/WebSettings;->setDomStorageEnabled(Z)V
    # The assets can be read all the same.
    invoke-virtual {p1, v1}, Landroid/webkit/WebSettings;->setAllowFileAccess(Z)V
    invoke-virtual {p1, v1}, Landroid/webkit/WebSettings;->setAllowContentAccess(Z)V
    invoke-virtual {p1, v1}, Landroid/webkit/WebSettings;->setAllowFileAccessFromFileURLs(Z)V
    invoke-virtual {p1, v1}, Landroid/webkit/WebSettings;->setGeolocationEnabled(Z)V
    invoke-virtual {p1, v1}, Landroid/webkit/WebSettings;->setSaveFormData(Z)V
    invoke-virtual {p1, v1}, Landroid/webkit/WebSettings;->setSupportMultipleWindows(Z)V
    invoke-virtual {p1, v1}, Landroid/webkit/WebSettings;->setJavaScriptCanOpenWindowsAutomatically(Z)V
    # No zoom by pinching; the size of the letters is the system's.
    invoke-virtual {p1, v1}, Landroid/webkit/WebSettings;->setSupportZoom(Z)V
    invoke-virtual {p1, v1}, Landroid/webkit/WebSettings;->setBuiltInZoomControls(Z)V
    invoke-virtual {p0}, Lorg/kiln/shell/EventActivity;->getResources()Landroid/content/res/Resources;
    move-result-object v2
    invoke-virtual {v2}, Landroid/content/res/Resources;->getConfiguration()Landroid/content/res/Configuration;
    move-result-object v2
    iget v3, v2, Landroid/content/res/Configuration;->fontScale:F
    const/high16 v4, 0x42c80000    # 100.0
    mul-float/2addr v3, v4
    float-to-int v3, v3
    invoke-virtual {p1, v3}, Landroid/webkit/WebSettings;->setTextZoom(I)V
    # MIXED_CONTENT_NEVER_ALLOW
    invoke-virtual {p1, v0}, Landroid/webkit/WebSettings;->setMixedContentMode(I)V
    # The pages have colours of their own for the dark; this makes them follow the system's choice.
    sget v3, Landroid/os/Build$VERSION;->SDK_INT:I
    const/16 v4, 0x1d
    if-lt v3, v4, :network
    iget v3, v2, Landroid/content/res/Configuration;->uiMode:I
    and-int/lit8 v3, v3, 0x30
    const/16 v4, 0x20
    if-ne v3, v4, :light
    # FORCE_DARK_ON
    const/4 v3, 0x2
    goto :dark
    :light
    const/4 v3, 0x0
    :dark
    invoke-virtual {p1, v3}, Landroid/webkit/WebSettings;->setForceDark(I)V
    :network
    invoke-direct {p0}, Lorg/kiln/shell/EventActivity;->isLive()Z
    move-result v2
    # Only an app that asks for changes may reach its event's address from its pages, or anything at all.
    invoke-virtual {p1, v2}, Landroid/webkit/WebSettings;->setAllowUniversalAccessFromFileURLs(Z)V
    xor-int/lit8 v2, v2, 0x1
    invoke-virtual {p1, v2}, Landroid/webkit/WebSettings;->setBlockNetworkLoads(Z)V
    return-void
.end method

.method protected onSaveInstanceState(Landroid/os/Bundle;)V
    .registers 3
    invoke-super {p0, p1}, Landroid/app/Activity;->onSaveInstanceState(Landroid/os/Bundle;)V
    iget-object v0, p0, Lorg/kiln/shell/EventActivity;->web:Landroid/webkit/WebView;
    if-eqz v0, :nothing
    invoke-virtual {v0, p1}, Landroid/webkit/WebView;->saveState(Landroid/os/Bundle;)Landroid/webkit/WebBackForwardList;
    :nothing
    return-void
.end method

.method public onBackPressed()V
    .registers 3
    iget-object v0, p0, Lorg/kiln/shell/EventActivity;->web:Landroid/webkit/WebView;
    if-eqz v0, :leave
    invoke-virtual {v0}, Landroid/webkit/WebView;->canGoBack()Z
    move-result v1
    if-eqz v1, :leave
    invoke-virtual {v0}, Landroid/webkit/WebView;->goBack()V
    return-void
    :leave
    invoke-super {p0}, Landroid/app/Activity;->onBackPressed()V
    return-void
.end method

.method protected onPause()V
    .registers 2
    iget-object v0, p0, Lorg/kiln/shell/EventActivity;->web:Landroid/webkit/WebView;
    if-eqz v0, :nothing
    invoke-virtual {v0}, Landroid/webkit/WebView;->onPause()V
    :nothing
    invoke-super {p0}, Landroid/app/Activity;->onPause()V
    return-void
.end method

.method protected onResume()V
    .registers 2
    invoke-super {p0}, Landroid/app/Activity;->onResume()V
    iget-object v0, p0, Lorg/kiln/shell/EventActivity;->web:Landroid/webkit/WebView;
    if-eqz v0, :nothing
    invoke-virtual {v0}, Landroid/webkit/WebView;->onResume()V
    :nothing
    return-void
.end method

.method protected onDestroy()V
    .registers 3
    iget-object v0, p0, Lorg/kiln/shell/EventActivity;->web:Landroid/webkit/WebView;
    if-eqz v0, :nothing
    const/4 v1, 0x0
    iput-object v1, p0, Lorg/kiln/shell/EventActivity;->web:Landroid/webkit/WebView;
    invoke-virtual {v0}, Landroid/webkit/WebView;->destroy()V
    :nothing
    invoke-super {p0}, Landroid/app/Activity;->onDestroy()V
    return-void
.end method

# The first page is there: what was seen before it need not be drawn any more.
.method uncover()V
    .registers 4
    const-string v0, "color"
    const-string v1, "page"
    invoke-direct {p0, v0, v1}, Lorg/kiln/shell/EventActivity;->find(Ljava/lang/String;Ljava/lang/String;)I
    move-result v0
    invoke-virtual {p0}, Lorg/kiln/shell/EventActivity;->getWindow()Landroid/view/Window;
    move-result-object v1
    invoke-virtual {v1, v0}, Landroid/view/Window;->setBackgroundDrawableResource(I)V
    return-void
.end method

# Opens an address in the app that the user has for such ones.
.method leave(Landroid/net/Uri;)V
    .registers 4
    new-instance v0, Landroid/content/Intent;
    const-string v1, "android.intent.action.VIEW"
    invoke-direct {v0, v1, p1}, Landroid/content/Intent;-><init>(Ljava/lang/String;Landroid/net/Uri;)V
    const-string v1, "android.intent.category.BROWSABLE"
    invoke-virtual {v0, v1}, Landroid/content/Intent;->addCategory(Ljava/lang/String;)Landroid/content/Intent;
    :try_start
    invoke-virtual {p0, v0}, Lorg/kiln/shell/EventActivity;->startActivity(Landroid/content/Intent;)V
    :try_end
    .catch Ljava/lang/RuntimeException; {:try_start .. :try_end} :nobody
    return-void
    :nobody
    move-exception v0
    const-string v0, "no_app"
    invoke-direct {p0, v0}, Lorg/kiln/shell/EventActivity;->text(Ljava/lang/String;)Ljava/lang/String;
    move-result-object v0
    const/4 v1, 0x1
    invoke-static {p0, v0, v1}, Landroid/widget/Toast;->makeText(Landroid/content/Context;Ljava/lang/CharSequence;I)Landroid/widget/Toast;
    move-result-object v0
    invoke-virtual {v0}, Landroid/widget/Toast;->show()V
    return-void
.end method
